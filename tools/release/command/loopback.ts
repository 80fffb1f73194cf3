/** Whether an address leads to this machine. */
export function isLoopback(text: string): boolean {
  const host = URL.parse(text)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
