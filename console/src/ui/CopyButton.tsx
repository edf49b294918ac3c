import { useState } from 'react';
import { useText } from '../i18n';
import { messages } from './messages';

/** Copies a text, and says so. */
export function CopyButton({ text }: { text: string }) {
  const t = useText(messages);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <button type="button" className="text-button" onClick={() => void copy()}>
      <span aria-live="polite">{copied ? t('panel.copied') : t('panel.copy')}</span>
    </button>
  );
}
