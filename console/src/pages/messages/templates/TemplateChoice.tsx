import { useAsk } from '../../../data';
import { useText } from '../../../i18n';
import { Answer } from '../../../ui/Answer';
import { Button, LinkButton } from '../../../ui/Button';
import { Select } from '../../../ui/fields';
import { Note } from '../../../ui/Note';
import { Said } from '../../../ui/Said';
import type { Draft } from '../compose/draft';
import { messages } from '../compose/messages';
import type { Mistakes } from '../compose/mistakes';
import { TemplatesQuery } from './queries';
import { Variables } from './Variables';

/** In the composer: which template, and what its variables are. */
export function TemplateChoice({
  template,
  mistakes,
  onChange,
  onLeave,
}: {
  template: NonNullable<Draft['template']>;
  mistakes: Mistakes;
  onChange: (template: NonNullable<Draft['template']>) => void;
  onLeave: () => void;
}) {
  const t = useText(messages);
  const asked = useAsk(TemplatesQuery);
  const nameMistake = mistakes.at('template.name');
  return (
    <>
      <div className="compose-row">
        <Answer asked={asked} what={t('templates.failed')} lines={1}>
          {({ messageTemplates }) => {
            const all = messageTemplates?.nodes ?? [];
            if (all.length === 0) {
              return (
                <Note tone="idle">
                  <p>{t('templates.empty')}</p>
                  <p>
                    <LinkButton kind="quiet" small href="/messages/templates">
                      {t('templates.go')}
                    </LinkButton>
                  </p>
                </Note>
              );
            }
            const options = [
              ...(all.some(({ name }) => name === template.name) ? [] : [{ value: template.name, text: template.name || t('template.choose') }]),
              ...all.map(({ name, description }) => ({ value: name, text: description ? `${name} (${description})` : name })),
            ];
            return (
              <Select
                label={t('template')}
                translate="no"
                value={template.name}
                onChange={(name) => onChange({ name, variables: template.variables })}
                options={options}
                error={nameMistake && <Said sentence={nameMistake} />}
              />
            );
          }}
        </Answer>
        <p className="compose-except small">
          <Button kind="quiet" small onClick={onLeave}>
            {t('template.leave')}
          </Button>
        </p>
      </div>
      <div className="compose-row">
        <fieldset className="field">
          <legend>{t('variables')}</legend>
          <Variables
            names={asked.data?.messageTemplates?.nodes.find(({ name }) => name === template.name)?.variables ?? []}
            values={template.variables}
            onChange={(variables) => onChange({ ...template, variables })}
          />
        </fieldset>
      </div>
    </>
  );
}
