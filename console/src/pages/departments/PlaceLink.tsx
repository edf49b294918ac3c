import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Address, Place, Step } from './address';

/** A link to another place of this page; what it says is data. */
export function PlaceLink({ address, to, children }: { address: Address; to: Partial<Place>; children: ReactNode }) {
  return (
    <Link href={address.to(to)} state={{ from: address.to({}) } satisfies Step} translate="no">
      {children}
    </Link>
  );
}
