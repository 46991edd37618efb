/** How a gateway is to be run. */
export interface RunRequest {
  readonly mode: 'dev' | 'serve';
  readonly file: string | null;
  readonly port: number | undefined;
  readonly state: string | undefined;
  readonly ephemeral: boolean;
  readonly allowSim: boolean;
  readonly json: boolean;
  /** How many processes are to serve the port, whatever the file says. */
  readonly workers?: number;
}

/** What has to be undone at the end, the last first. */
export type Cleanup = () => void | Promise<void>;
