import { useState } from 'react';
import { useAsk } from '../../../data';
import { useText } from '../../../i18n';
import { TextField } from '../../../ui/fields';
import { Icon } from '../../../ui/Icon';
import { useCombobox } from '../../../ui/useCombobox';
import { useDebounced } from '../../../ui/useDebounced';
import { messages } from '../messages';
import { SubjectsQuery } from './queries';

/** A person or a department to filter by, found as the search box finds them. */
export function SubjectFilter({ onChoose }: { onChoose: (filter: 'user' | 'dept', id: string) => void }) {
  const t = useText(messages);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const query = useDebounced(text.trim(), 90);
  const asked = useAsk(SubjectsQuery, { variables: { query }, pause: query === '' });
  const hits = query === '' ? [] : (asked.data?.search?.nodes ?? []);

  const choose = (index: number) => {
    const item = hits[index]?.item;
    if (!item) return;
    if (item.__typename === 'User') onChoose('user', item.userId);
    else onChoose('dept', item.deptId);
    setText('');
    setOpen(false);
  };
  const box = useCombobox({
    count: hits.length,
    open,
    onOpen: setOpen,
    onChoose: choose,
    onClear: () => setText(''),
    name: t('filter.subject'),
  });

  return (
    <div className="subject-filter">
      <TextField
        label={t('filter.subject')}
        labelHidden
        placeholder={t('filter.subject.hint')}
        value={text}
        onChange={(value) => {
          setText(value);
          setOpen(value.trim() !== '');
          box.reset(0);
        }}
        onBlur={() => setOpen(false)}
        {...box.input}
      />
      <ul {...box.list} className="popover subject-list" hidden={!open || hits.length === 0}>
        {hits.map(({ item, departmentPath }, index) => (
          <li key={item.__typename === 'User' ? item.userId : item.deptId} {...box.option(index)} className="menu-item">
            <Icon name={item.__typename === 'User' ? 'person' : 'departments'} />
            <span translate="no">{item.name}</span>
            <span className="small t3 clip" translate="no">
              {item.__typename === 'User' ? item.jobNumber : departmentPath}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
