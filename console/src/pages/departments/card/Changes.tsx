import { useMemo } from 'react';
import { ChangeRow, useNames, type ChangeFacts } from '../../../shared/changes';
import { RelativeTime } from '../../../ui/RelativeTime';

/** Changes of one person or department, each under its day. */
export function Changes({ changes }: { changes: readonly ChangeFacts[] }) {
  const names = useNames(changes);
  const timeless = useMemo(() => changes.map((change) => ({ ...change, at: undefined })), [changes]);
  return (
    <ul className="changes">
      {timeless.map((change, index) => {
        const at = changes[index]?.at;
        return (
          <li key={change.cursor ?? index} className="changes-item">
            {at && (
              <span className="small t3">
                <RelativeTime at={at} as="moment" />
              </span>
            )}
            <ul>
              <ChangeRow change={change} names={names} />
            </ul>
          </li>
        );
      })}
    </ul>
  );
}
