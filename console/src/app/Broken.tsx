import { Component, type ReactNode } from 'react';
import { useText } from '../i18n';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { CopyButton } from '../ui/CopyButton';
import { Panel } from '../ui/Panel';
import { messages } from './messages';

/** A page that throws leaves the shell and the other pages alone. */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <BrokenPanel error={this.state.error} /> : this.props.children;
  }
}

function BrokenPanel({ error }: { error: Error }) {
  const t = useText(messages);
  return (
    <Card>
      <Panel
        icon="warning"
        tone="bad"
        title={t('broken.title')}
        action={
          <Button icon="sync" onClick={() => location.reload()}>
            {t('broken.button')}
          </Button>
        }
      >
        <p className="t2">{t('broken.text')}</p>
        <p className="small t3">
          <code translate="no">{error.message}</code> <CopyButton text={`${error.message}\n${error.stack ?? ''}`} />
        </p>
      </Panel>
    </Card>
  );
}
