import type { ErrorCode } from "../../models/errors.ts";
import type { ProblemType } from "../problem-type.ts";

/** The refusals that only webhook endpoints know. */
export const WEBHOOK_PROBLEMS = {
  "webhook-url-refused": {
    status: 400,
    title: "Webhook URL refused",
    detail: "Nothing is sent to this URL; `errors` says why.",
    remedy:
      "Give an https URL of a host on the public internet, on one of the ports that are told, without credentials.",
  },
  "webhook-not-found": {
    status: 404,
    title: "Webhook not found",
    detail: "There is no such webhook endpoint.",
    remedy: "Check the id; the endpoint may have been deleted.",
  },
  "webhook-limit-reached": {
    status: 409,
    title: "Too many webhooks",
    detail: "There are as many webhook endpoints as this service takes.",
    remedy: "Delete an endpoint that is not needed any more.",
  },
  "webhook-disabled": {
    status: 409,
    title: "Webhook disabled",
    detail: "Nothing is sent to this endpoint while it is disabled.",
    remedy: "Change its status to enabled first.",
  },
} as const satisfies Partial<Record<ErrorCode, ProblemType>>;
