import classes from './chips.module.css'

interface ChipsProps<Value extends string> {
  label: string
  value: Value
  onChange: (value: Value) => void
  choices: readonly { value: Value; label: string; count?: number }[]
}

/** One of a few ways to see a list. */
export function Chips<Value extends string>({ label, value, onChange, choices }: ChipsProps<Value>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend that is shown.
    <div role="group" aria-label={label} className={classes.chips}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          className={classes.chip}
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
          {choice.count ? <span className={classes.count}>{choice.count}</span> : null}
        </button>
      ))}
    </div>
  )
}
