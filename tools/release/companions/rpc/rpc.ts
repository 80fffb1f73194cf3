import type { Companion } from "../companion.ts";
import { createRpcLooks } from "./looks.ts";

/** Users over Connect and gRPC-Web, in front of the API: docs/rpc.md. */
export const RPC: Companion = {
  name: "rpc",
  urlVariable: "RPC_URL",
  hasTriggers: false,
  prepareLooks: () => createRpcLooks,
  texts: {
    about:
      "After each step, /health and calls without credentials, by Connect and by gRPC-Web, have to come from the new version, and\n" +
      "the calls have to be refused as the API refuses them: so they have passed through it and back.",
    variables: "",
    setUp: "docs/rpc.md, Deploy it",
    order:
      "the API first, then RPC that calls something new: it has to be there. RPC survives each release that breaks no client",
    steps: [
      ["steps", "0 %, and calls without credentials through the override; then 100 %, and the same calls"],
      ["", "Steps in between would need calls of users to compare; what they meet is the API, which has its own."],
    ],
    meanwhile: "calls by RPC fail; the API serves as before",
    shown: "and its calls reach the API",
  },
};
