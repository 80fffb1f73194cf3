/** Nothing but a Worker: what the runtime takes to start one. */
export default {
  fetch: (): Response => new Response(null),
};
