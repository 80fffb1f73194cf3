// What the companion's parts need to ask the data plane. NODE leads to it; what a call is for stands in the header X-Emulator-Call.

export function call(env, name, value) {
  return env.NODE.fetch("http://data-plane.internal/", {
    method: "POST",
    headers: { "X-Emulator-Call": name, "X-Emulator-Version": env.VERSION_ID },
    body: JSON.stringify(value),
  });
}

/** Asks for an answer in JSON; what the data plane refuses is thrown. */
export async function ask(env, name, value) {
  const response = await call(env, name, value);
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

/** An entrypoint or object that has every method, each of which is what `invoke` makes of it; its own come first. */
export function withMethods(own, invoke) {
  return new Proxy(own, {
    get: (target, name) =>
      typeof name === "symbol" || Reflect.has(target, name)
        ? Reflect.get(target, name)
        : (...args) => invoke(name, args),
  });
}
