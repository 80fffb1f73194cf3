import type { Route } from "../http/router.ts";
import { accountRoutes } from "./account.ts";
import { assetRoutes } from "./assets.ts";
import { deploymentRoutes } from "./deployments.ts";
import { kvRoutes } from "./kv.ts";
import { queueRoutes } from "./queues.ts";
import { secretRoutes } from "./secrets.ts";
import { serviceRoutes } from "./services.ts";
import { settingsRoutes } from "./settings.ts";
import { tailRoutes } from "./tails.ts";
import { triggerRoutes } from "./triggers.ts";
import { uploadRoutes } from "./uploads.ts";
import { versionRoutes } from "./versions.ts";

/** Every endpoint of the emulator, below the API base. */
export const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...serviceRoutes,
  ...uploadRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...secretRoutes,
  ...settingsRoutes,
  ...triggerRoutes,
  ...assetRoutes,
  ...tailRoutes,
  ...kvRoutes,
  ...queueRoutes,
];
