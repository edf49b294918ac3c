import { useGraphiQL } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { costOf, type Cost } from './cost';

const number = new Intl.NumberFormat('en');
/** From this part of what is allowed on, a cost is worth a warning. */
const NEAR = 0.8;

/** What the answer in sight cost: always that of the text above it, whichever tab that belongs to. */
export function QueryCost() {
  const cost = useShownCost();
  // The element stays, so that a screen reader says what comes into it.
  return (
    <div className={cost === null ? 'query-cost' : `query-cost ${weight(cost)}`} role="status">
      {cost !== null && (
        <>
          <span className="query-cost-sum">
            Cost <strong>{number.format(cost.requested)}</strong> of {number.format(cost.allowed)} allowed
          </span>{' '}
          <span className="query-cost-bar" aria-hidden="true">
            <span style={{ width: `${Math.min(cost.requested / cost.allowed, 1) * 100}%` }} />
          </span>
          {cost.costliestField !== null && (
            <span className="query-cost-field">
              most for <code>{cost.costliestField}</code>
            </span>
          )}
        </>
      )}
    </div>
  );
}

function weight({ requested, allowed }: Cost): string {
  if (requested > allowed) return 'over';
  return requested >= NEAR * allowed ? 'near' : 'fine';
}

function useShownCost(): Cost | null {
  const editor = useGraphiQL((state) => state.responseEditor);
  const [cost, setCost] = useState<Cost | null>(null);
  useEffect(() => {
    if (editor === undefined) return;
    const read = () => setCost(costOf(editor.getValue()));
    read();
    const listening = editor.onDidChangeModelContent(read);
    return () => listening.dispose();
  }, [editor]);
  return cost;
}
