/** Paths of members that are carried as they came: collected while a request is decoded. */
export interface UnplacedFields {
  /** Nobody knows them. */
  readonly unknown: string[];
  /** The protocol knows them, and no other does. */
  readonly protocol: string[];
}
