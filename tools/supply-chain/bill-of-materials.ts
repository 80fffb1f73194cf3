import { z } from "zod";

const component = z.looseObject({ "bom-ref": z.string(), name: z.string(), version: z.string() });

/** The part of a CycloneDX document that we read; the rest passes through. */
export const billOfMaterials = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

export type BillOfMaterials = z.infer<typeof billOfMaterials>;

const PACKAGE_FOLDER = /(?:^|\/)node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)/;

/** Folders, below the project's node_modules, of the packages that the files belong to: `hono`, `a/node_modules/@b/c`. */
export function packageFolders(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((file) => PACKAGE_FOLDER.exec(file.replaceAll("\\", "/"))?.[1] ?? []);
  return [...new Set(folders)].toSorted();
}

export interface Shipped {
  /** What package.json says of the project; all its dependencies have to be in the bundle. */
  readonly project: {
    readonly name: string;
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  /** `name@version` of each package that is in the bundle. */
  readonly packages: readonly string[];
}

/**
 * Leaves in npm's bill of materials what the bundle holds. npm can leave out development dependencies only by their
 * flags, and loses packages that are both (zod, for one), or keeps those that are never bundled.
 * @throws Error when npm's document lacks a package, or the bundle one that package.json says it needs
 */
export function keepShipped(document: BillOfMaterials, { project, packages }: Shipped): BillOfMaterials {
  const { name, version } = project;
  const unused = Object.entries(project.dependencies).filter(([each, exact]) => !packages.includes(`${each}@${exact}`));
  if (unused.length > 0) throw new Error(`the bundle lacks ${unused.map((each) => each.join("@")).join(", ")}`);
  const components = packages.map((wanted) => {
    const found = document.components.find((each) => `${each.name}@${each.version}` === wanted);
    if (found === undefined) throw new Error(`npm's bill of materials lacks ${wanted}, which is in the bundle`);
    return found;
  });
  const root = document.metadata.component;
  const kept = new Set(components.map((each) => each["bom-ref"]));
  const dependencies = document.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
  return {
    ...document,
    // npm calls the project by the name of its folder.
    metadata: { ...document.metadata, component: { ...root, name, version, type: "application" } },
    components,
    dependencies: [{ ref: root["bom-ref"], dependsOn: [...kept] }, ...dependencies],
  };
}
