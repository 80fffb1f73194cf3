import type { Stores } from "./stores.ts";

/** Shows them once, as JSON; who asked for that keeps them. Nobody can look afterwards. */
export function createPrintStores(print: (text: string) => void): Stores {
  const show = (title: string, values: object): void => print(`${title}:\n${JSON.stringify(values, null, 2)}`);
  return {
    worker: {
      place: "the terminal",
      look: () => Promise.resolve({ isDeployed: true, names: null }),
      keep(env, secrets) {
        show(`Secrets of the Worker of ${env}, for wrangler's --secrets-file`, secrets);
        return Promise.resolve();
      },
      address: null,
    },
    pipeline: {
      place: "the terminal",
      look: () => Promise.resolve({ secrets: null, variables: null }),
      keep(env, { secrets, variables }) {
        show(`Secrets and variables of the GitHub environment ${env}`, { secrets, variables });
        return Promise.resolve();
      },
    },
  };
}
