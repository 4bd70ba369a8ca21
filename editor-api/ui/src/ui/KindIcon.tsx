// Icons of node types, by the lucide names that descriptors give. Only those in use are in the build; a new one gets the
// box until it is added here.
import {
  ArrowLeftRight, ArrowRightLeft, ArrowUpNarrowWide, ArrowUpRight, Bell, BellRing, Box, CalendarClock, ChevronsDown, CircleStop, ClipboardCheck, ClipboardList, Clock, Code,
  CornerDownRight, CornerUpRight, Gauge, GitBranch, Globe, GraduationCap, Hourglass, Image, LayoutList, LayoutTemplate, List, ListTree, Mail, MessageCircleQuestionMark, MessageSquare,
  MessageSquareText, Percent, PhoneCall, PhoneIncoming, Puzzle, RadioTower, Repeat, Route, Search, Send, Shuffle, SignpostBig, Split, Star, Table2, Tag, Timer, UserCheck,
  UserRoundCheck, Users, Variable, Webhook, Workflow, Zap, type LucideIcon,
} from "lucide-react";

const ICONS: { readonly [name: string]: LucideIcon } = {
  "arrow-left-right": ArrowLeftRight, "arrow-right-left": ArrowRightLeft, image: Image, "layout-template": LayoutTemplate, puzzle: Puzzle, "arrow-up-narrow-wide": ArrowUpNarrowWide, "arrow-up-right": ArrowUpRight, bell: Bell, "bell-ring": BellRing,
  "chevrons-down": ChevronsDown, "corner-up-right": CornerUpRight, "git-branch": GitBranch, "list-tree": ListTree, "radio-tower": RadioTower,
  "calendar-clock": CalendarClock, "circle-stop": CircleStop, "clipboard-check": ClipboardCheck, "clipboard-list": ClipboardList,
  clock: Clock, code: Code, "corner-down-right": CornerDownRight, gauge: Gauge, globe: Globe, "graduation-cap": GraduationCap,
  hourglass: Hourglass, "layout-list": LayoutList, list: List, mail: Mail, "message-circle-question-mark": MessageCircleQuestionMark,
  "message-square": MessageSquare, "message-square-text": MessageSquareText, percent: Percent, "phone-call": PhoneCall, "phone-incoming": PhoneIncoming, repeat: Repeat,
  route: Route, search: Search, send: Send, shuffle: Shuffle, "signpost-big": SignpostBig, split: Split, star: Star, "table-2": Table2,
  tag: Tag, timer: Timer, "user-check": UserCheck, "user-round-check": UserRoundCheck, users: Users, variable: Variable,
  webhook: Webhook, workflow: Workflow, zap: Zap,
};

export function KindIcon({ name, size = 15 }: { name: string | undefined; size?: number }) {
  const Icon = ICONS[name ?? ""] ?? Box;
  return <Icon size={size} aria-hidden />;
}
