/** Of one connection to a broker: what was sent and what waits. kafkajs has no types for it. */
declare module 'kafkajs/src/network/requestQueue' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    checkPendingRequests: (this: RequestQueue) => void;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
    /** As a broker's answer does that asks for less. */
    maybeThrottle(ms: number): void;
  }
}

/** The part of a connection to Kafka by which a group is left; the public clients leave only what they joined themselves. */
declare module 'kafkajs/src/cluster' {
  interface GroupCoordinator {
    describeGroups(what: { groupIds: string[] }): Promise<{
      groups: { members: { memberId: string; clientId: string }[] }[];
    }>;
    leaveGroup(which: { groupId: string; memberId: string }): Promise<void>;
  }
  export default class Cluster {
    constructor(options: {
      logger: unknown;
      socketFactory: unknown;
      brokers: string[];
      clientId: string;
      connectionTimeout: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      metadataMaxAge: number;
      maxInFlightRequests: number | null;
      retry: { retries: number };
    });
    connect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    findGroupCoordinator(which: { groupId: string }): Promise<GroupCoordinator>;
  }
}

declare module 'kafkajs/src/loggers' {
  export function createLogger(options: { level: number; logCreator: () => () => void }): unknown;
}

declare module 'kafkajs/src/network/socketFactory' {
  export default function socketFactory(): unknown;
}
