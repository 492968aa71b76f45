import RequestQueue from 'kafkajs/src/network/requestQueue';

/**
 * kafkajs 2.2.4 looks each millisecond, on each connection, whether a request waits to be sent, for as long as the
 * connection is there (tulios/kafkajs#1704): two fifths of what an idle server cost. It needs to look only while one does:
 * what is added later, or let go by an answer, makes it look by itself.
 */
export function lookOnlyWhenRequestsWait(): void {
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleIfAny(): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
