import { Agent, type AgentOptions } from "node:http";
import { createConnection, type NetConnectOpts, type Socket } from "node:net";

/** workerd closes idle connections after 5 s: ours end long before, so that no request meets one that is being closed. */
const IDLE_CONNECTION_MS = 1_000;

type WriteCallback = (error?: Error | null) => void;

/**
 * Connections to the process of one version. Those for uploads are used once: the runtime closes them after an answer
 * if the Worker left something unread, and the next request would get lost on them.
 */
export interface UpstreamAgents {
  readonly forUploads: Agent;
  readonly forOthers: Agent;
}

export function createUpstreamAgents(): UpstreamAgents {
  return {
    forUploads: createUpstreamAgent({ keepAlive: false }),
    forOthers: createUpstreamAgent({ keepAlive: true, timeout: IDLE_CONNECTION_MS }),
  };
}

function createUpstreamAgent(options: AgentOptions): Agent {
  const agent = new Agent(options);
  agent.createConnection = (options: NetConnectOpts) => readToTheEnd(createConnection(options));
  return agent;
}

/**
 * A Worker may answer an upload that it does not read; the runtime then closes the connection. Node would take the failure
 * of the next write for the end and drop the answer, which is there to be read. Here only reading tells the end.
 */
function readToTheEnd(socket: Socket): Socket {
  const { _write: write, _writev: writeAll } = socket;
  socket._write = (chunk, encoding, callback) => write.call(socket, chunk, encoding, forgiving(callback));
  if (writeAll !== undefined) socket._writev = (chunks, callback) => writeAll.call(socket, chunks, forgiving(callback));
  return socket;
}

function forgiving(callback: WriteCallback): WriteCallback {
  return (error) => callback(isClosedByPeer(error) ? null : error);
}

function isClosedByPeer(error: Error | null | undefined): boolean {
  return (
    error !== null && error !== undefined && "code" in error && ["EPIPE", "ECONNRESET"].includes(String(error.code))
  );
}
