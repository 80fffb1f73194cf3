// A plugin of Miniflare, loaded by its path: a queue's producer binding as the runtime has it, whose requests go to the companion. Miniflare's
// own broker keeps messages in the process, and each version has one.

export const TYPE = "emulated-queue";

export const plugins = {
  [TYPE]: {
    getBindings: ({ config }) =>
      Promise.resolve(
        Object.entries(config.env ?? {})
          .filter(([, { type }]) => type === `unsafe:${TYPE}`)
          .map(([name, { dev }]) => {
            const { service, entrypoint, ...props } = dev.options;
            return { name, queue: { name: service, entrypoint, props: { json: JSON.stringify(props) } } };
          }),
      ),
    getNodeBindings: () => ({}),
    getServices: () => Promise.resolve([]),
  },
};
