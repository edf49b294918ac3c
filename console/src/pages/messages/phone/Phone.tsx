import './phone.css';
import { useShell } from '../../../app/shell/ShellContext';
import { useFormats, useText } from '../../../i18n';
import { classes } from '../../../ui/classes';
import { Icon } from '../../../ui/Icon';
import { messages } from '../messages';
import { Markdown } from './markdown';
import type { Shown, ShownForm } from './shown';

/**
 * A message as DingTalk shows it, on a phone or in its window on a desktop. It has DingTalk's own colours, in the dark theme
 * too. Links lead nowhere here: where they lead stands beside it.
 */
export function Phone({ shown, at, desktop }: { shown: Shown | null; at?: Date; desktop?: boolean }) {
  const t = useText(messages);
  const formats = useFormats();
  const { shell } = useShell();
  const moment = at ?? new Date();
  const company = shell?.mirror?.companyName;
  return (
    <figure className={classes('phone', desktop && 'desktop')} aria-label={desktop ? t('phone.desktop') : t('phone.phone')}>
      {!desktop && (
        <div className="phone-status num" aria-hidden="true">
          <span>{formats.time(moment)}</span>
          <span translate="no">5G</span>
        </div>
      )}
      <div className="phone-head">
        {!desktop && <Icon name="left" />}
        <span className="clip">
          {company ? t.rich('phone.head', { company: <span translate="no">{company}</span> }) : t('phone.notices')}
        </span>
      </div>
      <div className="phone-body">
        <p className="phone-time num">{formats.moment(moment)}</p>
        <div className="phone-row">
          <span className="phone-app" aria-hidden="true">
            <Icon name="messages" />
          </span>
          <div className="phone-said">
            <p className="phone-name">{t('phone.app')}</p>
            {shown && !isEmpty(shown) ? <Bubble shown={shown} /> : <div className="phone-bubble phone-pad phone-grey">{t('phone.nothing')}</div>}
          </div>
        </div>
      </div>
    </figure>
  );
}

function Bubble({ shown }: { shown: Shown }) {
  const t = useText(messages);
  const picture = (
    <span className="phone-picture">
      <Icon name="eye" /> {t('phone.picture')}
    </span>
  );
  switch (shown.type) {
    case 'text':
      return (
        <div className="phone-bubble phone-pad phone-text" translate="no">
          {shown.text}
        </div>
      );
    case 'markdown':
      return (
        <div className="phone-bubble phone-pad phone-markdown" translate="no">
          <Markdown text={shown.text} picture={picture} />
        </div>
      );
    case 'link':
      return (
        <div className="phone-bubble phone-pad" translate="no">
          <p className="phone-title">{shown.title}</p>
          <div className="phone-link-row">
            <p className="phone-grey phone-lines3">{shown.text}</p>
            <span className="phone-thumb">
              <Icon name="link" />
            </span>
          </div>
        </div>
      );
    case 'card':
      return (
        <div className="phone-bubble" translate="no">
          <div className="phone-pad phone-markdown">
            <Markdown text={shown.text} picture={picture} />
          </div>
          <div className={classes('phone-buttons', shown.beside && 'beside')}>
            {shown.buttons.map((button, index) => (
              <span key={index} className="phone-button">
                {button.title}
              </span>
            ))}
          </div>
        </div>
      );
    case 'oa':
      return <Form shown={shown} />;
    case 'image':
      return <div className="phone-bubble phone-media">{picture}</div>;
    case 'file':
      return (
        <div className="phone-bubble phone-pad phone-file">
          <Icon name="download" size={20} />
          {t('phone.file')}
        </div>
      );
    case 'voice':
      return (
        <div className="phone-bubble phone-pad phone-file">
          <Icon name="play" />
          <span className="num" translate="no">
            {shown.seconds}″
          </span>
        </div>
      );
  }
}

/** Six rows and three lines of text are shown; DingTalk puts the app's name in the head's place. */
function Form({ shown }: { shown: ShownForm }) {
  const t = useText(messages);
  const more = shown.rows.length - 6;
  return (
    <div className="phone-bubble" translate="no">
      <div className={classes('phone-form-head', isDark(shown.colour) && 'dark')} style={{ background: colourOf(shown.colour) }}>
        {t('phone.app')}
      </div>
      <div className="phone-pad">
        {shown.title && <p className="phone-title">{shown.title}</p>}
        {shown.rows.length > 0 && (
          <dl className="phone-form">
            {shown.rows.slice(0, 6).map((row, index) => (
              <div key={index}>
                <dt>{row.key}</dt>
                <dd>{row.value}</dd>
              </div>
            ))}
          </dl>
        )}
        {more > 0 && <p className="phone-grey">{t('phone.rows', { count: more })}</p>}
        {shown.rich && (
          <p className="phone-rich">
            <b>{shown.rich.number}</b> {shown.rich.unit}
          </p>
        )}
        {shown.text && <p className="phone-lines3">{shown.text}</p>}
        {shown.picture && (
          <span className="phone-picture">
            <Icon name="eye" /> {t('phone.picture')}
          </span>
        )}
        {(shown.files || shown.author) && (
          <p className="phone-foot phone-grey">
            <span>{shown.files && t('phone.files', { count: Number(shown.files) })}</span>
            <span>{shown.author}</span>
          </p>
        )}
      </div>
      {shown.status && (
        <div className="phone-foot-bar" style={{ borderInlineStartColor: colourOf(shown.status.colour.replace(/^0x/, '')) }}>
          {shown.status.text}
        </div>
      )}
    </div>
  );
}

/** DingTalk's AARRGGBB as CSS has it; undefined where it is none. */
function colourOf(colour: string): string | undefined {
  const found = /^([0-9a-f]{2})([0-9a-f]{6})$/i.exec(colour);
  return found ? `#${found[2]}${found[1]}` : undefined;
}

/** Whether letters on it have to be white. */
function isDark(colour: string): boolean {
  const found = /^[0-9a-f]{2}([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!found) return false;
  const [red, green, blue] = found.slice(1).map((hex) => {
    const part = parseInt(hex, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}

/** Nothing is written yet. */
function isEmpty(shown: Shown): boolean {
  if (!('text' in shown)) return false;
  const more = shown.type === 'card' ? shown.buttons.some(({ title }) => title) : shown.type === 'oa' && shown.rows.length > 0;
  const title = shown.type === 'text' || shown.type === 'markdown' ? '' : shown.title;
  return shown.text === '' && title === '' && !more;
}
