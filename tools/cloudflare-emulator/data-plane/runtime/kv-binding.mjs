// A plugin of Miniflare, loaded by its path: a KV binding as the runtime has it, whose requests go to the companion. Miniflare's own keeps
// values in the process, and each version has one.

export const TYPE = "emulated-kv";

export const plugins = {
  [TYPE]: {
    getBindings: ({ config }) =>
      Promise.resolve(
        Object.entries(config.env ?? {})
          .filter(([, { type }]) => type === `unsafe:${TYPE}`)
          .map(([name, { dev }]) => {
            const { service, entrypoint, namespaceId } = dev.options;
            return {
              name,
              kvNamespace: { name: service, entrypoint, props: { json: JSON.stringify({ namespaceId }) } },
            };
          }),
      ),
    getNodeBindings: () => ({}),
    getServices: () => Promise.resolve([]),
  },
};
