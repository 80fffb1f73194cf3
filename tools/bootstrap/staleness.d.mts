export interface InstallState {
  readonly manifestText: string;
  readonly lockText: string;
  readonly stamp: string | null;
  readonly installedText: string | null;
}

export function fingerprint(manifestText: string, lockText: string): string;
export function isInstallCurrent(state: InstallState): boolean;
