/**
 * What `work` comes to, or a rejection as soon as the signal aborts, whether or not the work heeds it. Leaves no listener behind.
 *
 * @param reason makes what it rejects with
 */
export async function untilAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  reason: (signal: AbortSignal) => Error,
): Promise<Value> {
  return await new Promise<Value>((resolve, reject) => {
    const onAbort = () => reject(reason(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
