// A channel as an icon, with its name for those who do not see it.
import { Globe, Mail, MessageCircle, MessageSquareText, Phone, Smartphone, type LucideIcon } from "lucide-react";
import { valueTitle } from "../forms/titles";
import { useWords } from "../i18n";

const ICONS: { readonly [channel: string]: LucideIcon } = { whatsapp: MessageCircle, webchat: Globe, sms: Smartphone, email: Mail, voice: Phone };

export function ChannelIcon({ channel }: { channel: string }) {
  const { language } = useWords();
  const Icon = ICONS[channel] ?? MessageSquareText;
  return (
    <span className="channel-icon" title={valueTitle(channel, language)}>
      <Icon size={14} aria-label={valueTitle(channel, language)} />
    </span>
  );
}
