/**
 * Something that is done once per account and scan, whichever scanner asks first: everybody who asks with the same key gets the
 * same promise, a rejected one too. What it holds goes with the scan.
 */
export class OncePerSession<Value> {
  readonly #bySession = new WeakMap<object, Map<string, Promise<Value>>>();

  /** @param context the scope's context; scopes of one account and scan share what is done */
  get(
    context: { readonly session: object },
    key: string,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const known = this.#bySession.get(context.session) ?? new Map<string, Promise<Value>>();
    this.#bySession.set(context.session, known);
    const promise = known.get(key) ?? work();
    known.set(key, promise);
    return promise;
  }
}
