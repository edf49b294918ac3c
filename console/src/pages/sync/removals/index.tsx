import { useSearchParams } from 'wouter';
import { Rejected } from './Rejected';
import { Removals } from './Removals';

/** `/sync/removals`: what waits, and with `?state=rejected` what was kept by decision. */
export function RemovalsPage({ restart }: { restart: string | undefined }) {
  const [params] = useSearchParams();
  return params.get('state') === 'rejected' ? <Rejected /> : <Removals restart={restart} whole />;
}
