/** Version of the contract (semantic versioning); `/api/v1` is its major part. */
export const API_VERSION = "1.0.0";
