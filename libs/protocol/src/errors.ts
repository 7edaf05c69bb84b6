/** The faults that a client can meet on every face. `docs/errors.md` lists them; a test holds the two together. */
import { faultMaker, type FaultCatalogue } from '@waggle/kernel'

export const faultCatalogue = {
  MALFORMED_BODY: {
    kind: 'invalid',
    summary: 'The body of the request cannot be decoded, is empty, or is nested too deeply or too widely.',
    advice: 'Send one map, as MessagePack or JSON.',
  },
  REQUEST_TOO_LARGE: {
    kind: 'invalid',
    summary: 'The request is larger than the limit named in the details.',
    advice: 'Send less at a time.',
  },
  UNKNOWN_OPERATION: {
    kind: 'invalid',
    summary: 'There is no operation of that name.',
    advice: 'Look the name up in the table of operations.',
  },
  OPERATION_NOT_BUILT: {
    kind: 'invalid',
    summary: 'The operation is part of the interface but not built into this version yet.',
    advice: 'Use a version whose change log names it.',
  },
  REQUIRED_FIELD: {
    kind: 'invalid',
    summary: 'A field that must be there is absent or empty.',
    advice: 'Give the field named in the details.',
  },
  INVALID_FIELD: {
    kind: 'invalid',
    summary: 'A field has the wrong type or lies outside its range.',
    advice: 'Mend the field named in the details.',
  },
  UNKNOWN_FIELD: {
    kind: 'invalid',
    summary: 'The request has a field that this operation does not know.',
    advice: 'Remove the field, or mend its spelling; a newer field needs a newer version.',
  },
  CONTENT_TOO_LARGE: {
    kind: 'invalid',
    summary: 'A text is longer than its limit in UTF-8 bytes.',
    advice: 'Shorten the field named in the details.',
  },
  TOO_MANY_ITEMS: {
    kind: 'invalid',
    summary: 'A list has more items than its limit.',
    advice: 'Send fewer items in the field named in the details.',
  },
  DIMENSION_MISMATCH: {
    kind: 'invalid',
    summary: "An embedding does not have the collective's dimension.",
    advice: 'Embed with the model that the collective was created for.',
  },
  EMBEDDER_NOT_FOUND: {
    kind: 'invalid',
    summary: "The collective's embedder is not among those that this client was given.",
    advice: 'Open the store with that embedder, or send embeddings.',
  },
  EMBEDDER_FAILED: {
    kind: 'notReady',
    summary: "The collective's embedder failed, or did not give one vector a text; nothing happened.",
    advice: 'Mend the embedder, or wait until it answers again; the cause says more.',
  },
  INVALID_TOKEN: {
    kind: 'invalid',
    summary: 'The token was not made by this product, or was damaged on its way.',
    advice: 'Pass tokens on unchanged.',
  },
  INVALID_CURSOR: {
    kind: 'invalid',
    summary: 'The cursor was not made by this list, or was damaged on its way.',
    advice: 'Start the list again without a cursor; a watcher, from `start` or a cursor that it kept.',
  },
  NOT_FOUND: {
    kind: 'notFound',
    summary: 'What the request speaks of is not there, or is not yours.',
    advice: 'Look it up again.',
  },
  ALREADY_EXISTS: {
    kind: 'conflict',
    summary: 'The caller’s id is taken, there is such a relation already, or the page belongs to a memory.',
    advice: 'Choose another id, or leave it out; of a relation, use the one whose `id` the details name.',
  },
  VERSION_MISMATCH: {
    kind: 'conflict',
    summary: 'The record was changed since it was read.',
    advice: 'Read it again and decide again.',
  },
  AMBIGUOUS_NAME: {
    kind: 'conflict',
    summary: 'Several collectives carry that name.',
    advice: 'Use the id.',
  },
  TOO_MANY_OF_NAME: {
    kind: 'conflict',
    summary: 'So many collectives carry that name that no further one may.',
    advice: 'Use another name.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'conflict',
    summary: 'The idempotency key was used before for a request with another body.',
    advice: 'Use a fresh key for each different write.',
  },
  IDEMPOTENCY_KEY_EXPIRED: {
    kind: 'conflict',
    summary: 'The request was issued so long ago that its first outcome is no longer remembered.',
    advice: 'Read the state, then decide whether to write anew.',
  },
  NOT_LEADING: {
    kind: 'moved',
    summary: 'This process does not lead the shard; nothing happened.',
    advice: 'Send the request again: the router knows who leads.',
  },
  BUSY: {
    kind: 'busy',
    summary: 'The queue of waiting writes is full, or too many prunes are under way; nothing happened.',
    advice: 'Wait as long as `retryAfterMs` says and try again.',
  },
  QUOTA_EXCEEDED: {
    kind: 'busy',
    summary: 'The tenant has used up the quota that the details name; nothing happened.',
    advice:
      'Wait as long as `retryAfterMs` says and try again; of what is stored, delete some, or have the limit raised.',
  },
  CONSISTENCY_NOT_READY: {
    kind: 'notReady',
    summary: 'The state has not reached the token within the time limit; nothing happened.',
    advice: 'Wait, or ask another replica.',
  },
  SHARD_NOT_READY: {
    kind: 'notReady',
    summary: 'The shard of this collective has no leader at the moment, and none came in time; nothing happened.',
    advice: 'Try again; if it lasts, look at `waggle shard list`.',
  },
  RESULT_TOO_LARGE: {
    kind: 'invalid',
    summary: 'The result is larger than a reply may be.',
    advice: 'Ask for less at a time: a smaller `k` or `limit`, fewer ids, or no embeddings.',
  },
  DENIED: {
    kind: 'denied',
    summary: 'The credentials of this connection do not allow the request.',
    advice: 'Connect with credentials of that tenant and right; `waggle permissions` prints what a user needs.',
  },
  STORAGE_FULL: {
    kind: 'busy',
    summary: 'The log of this shard, or the disk of its leader, has no room for further writes; nothing happened.',
    advice: 'Give it more room, or wait until it was pruned; reads go on.',
  },
  LOG_DIVERGED: {
    kind: 'corrupt',
    summary: 'The log of a shard contradicts what a replica has applied; the replica has stopped.',
    advice: 'Keep the folder and the stream as they are and call an operator.',
  },
  LOG_DAMAGED: {
    kind: 'corrupt',
    summary: 'Records of a shard’s log can no longer be read, and no copy of what they did is at hand.',
    advice: 'Reads with `consistency: any` still work; an operator must decide what to do.',
  },
  RESTORE_REFUSED: {
    kind: 'conflict',
    summary: 'A restore cannot go on: the cluster or the folder has data, or another restore came in between.',
    advice: 'Restore into a cluster that nobody has written to, or an absent folder; nothing was changed.',
  },
  STREAM_BEHIND: {
    kind: 'corrupt',
    summary: 'The stream of a shard ends before what a replica has applied, or is another one.',
    advice: 'Bring the servers’ data back, or let an operator start a new generation from the replica.',
  },
  GENERATION_CHANGED: {
    kind: 'lost',
    summary: 'The token or cursor belongs to another life of this store.',
    advice: 'Drop the token and read afresh.',
  },
  HISTORY_LOST: {
    kind: 'lost',
    summary: 'Changes after the cursor are gone: pruned, or of another life of the collective or store.',
    advice: 'Read afresh, then watch on from the cursor in the details, the oldest that is kept.',
  },
  BATCH_EVICTED: {
    kind: 'lost',
    summary: 'Batches of keys that were asked for are gone: pruned, or of another life of the collective or store.',
    advice: 'Read the keys afresh, then subscribe from the oldest batch that is kept, which the details name.',
  },
  VALUE_CHANGED: {
    kind: 'conflict',
    summary: 'A large value was overwritten or deleted while its pieces were being read.',
    advice: 'Read it again from the beginning.',
  },
  REDUCE_FAILED: {
    kind: 'invalid',
    summary: 'A reduction met values that it cannot bring together: an overflow, or values of several kinds.',
    advice: 'Reduce a smaller range, or filter; the details name the reducer.',
  },
  UNAVAILABLE: {
    kind: 'unavailable',
    summary: 'The outcome of the write is unknown.',
    advice: 'Repeat it with the same idempotency key.',
  },
  CLOSED: {
    kind: 'closed',
    summary: 'The store or client was closed.',
    advice: 'Open a new one.',
  },
  INTERNAL: {
    kind: 'internal',
    summary: 'A bug: the request changed nothing.',
    advice: 'Report it with the message.',
  },
} as const satisfies FaultCatalogue

export type FaultCode = keyof typeof faultCatalogue

export const fault = faultMaker(faultCatalogue)
