/** Where the `Authorization` header of each call comes from, such as `Bearer <token>`. */
export interface Authentication {
  header(): Promise<string | undefined> | string | undefined;
  /**
   * Called when the server did not accept a header: a call was answered with 401, or a stream refused as unauthorized.
   * `true` says that `header()` has a new one; the call is then made once more. Calls that are refused together share it,
   * and wait for it; so it must not await a call of the same client that can be refused for want of a login.
   */
  refresh?(): Promise<boolean> | boolean;
}

/** A header, and after how many refreshes it was asked for. */
export interface Authorization {
  readonly header: string | undefined;
  readonly refreshes: number;
}

/** The user's {@link Authentication}, refreshed once for all the calls that need it. */
export class Authenticator {
  readonly #authentication: Authentication | undefined;
  #refreshes = 0;
  #refreshing: Promise<boolean> | undefined;

  constructor(authentication: Authentication | undefined) {
    this.#authentication = authentication;
  }

  async authorize(): Promise<Authorization> {
    const refreshes = this.#refreshes;
    return { header: await this.#authentication?.header(), refreshes };
  }

  /** Whether a call that was refused with this authorization is worth another attempt. */
  async renew({ refreshes }: Authorization): Promise<boolean> {
    if (!this.#authentication?.refresh) return false;
    if (refreshes < this.#refreshes) return true;
    this.#refreshing ??= this.#refresh(this.#authentication.refresh()).finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refresh(refreshed: Promise<boolean> | boolean): Promise<boolean> {
    if (!(await refreshed)) return false;
    this.#refreshes++;
    return true;
  }
}
