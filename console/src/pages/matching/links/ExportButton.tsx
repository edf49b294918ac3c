import { useState } from 'react';
import { useClient } from 'urql';
import { useMissing } from '../../../data';
import { useText } from '../../../i18n';
import { Button } from '../../../ui/Button';
import { messages } from '../messages';
import { saveFile } from '../parts/csv';
import { ExportLinksQuery } from './queries';

/** Every link as a file that the import reads. Its email addresses need `directory:contact`, so others don't see the button. */
export function ExportButton() {
  const t = useText(messages);
  const client = useClient();
  const missing = useMissing(['identity:read', 'directory:read', 'directory:contact']);
  const [running, setRunning] = useState(false);
  const [failed, setFailed] = useState(false);
  if (missing.length > 0) {
    return (
      <span className="small t2">{t.rich('export.lacks', { permission: <code translate="no">{missing.join(', ')}</code> })}</span>
    );
  }

  const save = async () => {
    setRunning(true);
    const { data } = await client.query(ExportLinksQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    setRunning(false);
    setFailed(!data?.exportIdentityLinks);
    if (data?.exportIdentityLinks) saveFile('dingmirror-links.csv', data.exportIdentityLinks);
  };
  return (
    <span className="row">
      <Button icon="download" busy={running} onClick={() => void save()}>
        {running ? t('export.running') : t('export.links')}
      </Button>
      <span role="status" className="small bad">
        {failed ? t('export.failed') : ''}
      </span>
    </span>
  );
}
