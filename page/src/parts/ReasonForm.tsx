import { useId, useState } from "react";
import { Button, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";

interface ReasonFormProps {
  /** The text of the button that opens it. */
  label: string;
  /** A sentence about what will be done; shown before it is confirmed. */
  question: string;
  isBusy: boolean;
  onConfirm: (reason: string) => void;
}

/** A button for what is done with a reason only, which is asked for below it. */
export function ReasonForm({ label, question, isBusy, onConfirm }: ReasonFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const close = () => {
    setOpen(false);
    setReason("");
  };
  if (!isOpen) {
    return (
      <Button kind="danger--ghost" size="sm" disabled={isBusy} onClick={() => setOpen(true)}>
        {label}
      </Button>
    );
  }
  return (
    <form
      className="reason"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm(reason.trim());
        close();
      }}
    >
      <p className="words">{question}</p>
      <TextInput
        id={id}
        labelText={t("conflict.reason")}
        helperText={t("conflict.reasonHelp")}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="actions">
        <Button type="submit" kind="danger" size="sm" disabled={isBusy || reason.trim() === ""}>
          {t("dismiss.confirm")}
        </Button>
        <Button kind="ghost" size="sm" onClick={close}>
          {t("dismiss.cancel")}
        </Button>
      </div>
    </form>
  );
}
