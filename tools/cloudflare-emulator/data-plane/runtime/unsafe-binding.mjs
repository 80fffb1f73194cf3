/**
 * A plugin of Miniflare for bindings that it has no option for: what a Worker declares as `unsafe` with this type becomes what `toBinding`
 * makes of its name and options, as workerd has it.
 */
export function defineUnsafeBinding(type, toBinding) {
  return {
    [type]: {
      getBindings: ({ config }) =>
        Promise.resolve(
          Object.entries(config.env ?? {})
            .filter(([, binding]) => binding.type === `unsafe:${type}`)
            .map(([name, { dev }]) => ({ name, ...toBinding(dev?.options) })),
        ),
      getNodeBindings: () => ({}),
      getServices: () => Promise.resolve([]),
    },
  };
}
