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
