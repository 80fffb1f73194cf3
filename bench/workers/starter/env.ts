export interface StarterEnv {
  Bindings: {
    readonly DATABASE_URL: string;
    /** Where the gateway takes statements. */
    readonly DATABASE_FETCH_ENDPOINT: string;
    readonly API_KEY: string;
  };
}
