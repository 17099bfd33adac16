/** The body of a request. */
export interface Body {
  [name: string]: unknown;
}

/** What works on points behind the stand-in for a server. */
export interface StandInEngine {
  /**
   * @param path method and path below the collection (`POST points/scroll`), or `create` or `drop`
   * @throws Error what a server would answer with status 400
   */
  call(collection: string, path: string, body: Body): Promise<unknown>;
  close(): Promise<void>;
}
