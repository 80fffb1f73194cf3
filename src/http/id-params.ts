import { z } from "@hono/zod-openapi";

import { pickStrings, withFastPath } from "./fast-path.ts";

/**
 * Any 8-4-4-4-12 hexadecimal string: whether such a resource exists is for the database to say.
 * Both cases are spelled out because the documented pattern has no place for a flag.
 */
const UUID_SHAPE = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;

/** A UUID in either case, in lower case afterwards. */
export const uuidText = z
  .string()
  .regex(UUID_SHAPE, { error: "Give a UUID: 8-4-4-4-12 hexadecimal digits." })
  .transform((text) => text.toLowerCase());

const NAMES: ReadonlySet<string> = new Set(["id"]);

/** The parameter `{id}` of a path, in lower case. `resource` is what the document calls its owner. */
export function createIdParams(resource: string) {
  const schema = z.strictObject({
    id: uuidText.openapi({
      param: { name: "id", in: "path" },
      description: `Id of the ${resource}, in either case.`,
      format: "uuid",
      maxLength: 36,
      example: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
    }),
  });
  return withFastPath(schema, (params) => {
    const { id } = pickStrings(params, NAMES) ?? {};
    return id !== undefined && UUID_SHAPE.test(id) ? { id: id.toLowerCase() } : null;
  });
}
