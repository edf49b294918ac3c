/** A hairline between meta data. */
export function Sep() {
  return <span className="sep" aria-hidden="true" />;
}
