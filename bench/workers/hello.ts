/** The least that can answer: what is left when a Worker does nothing. */
export default {
  fetch: (): Response => new Response("hello"),
};
