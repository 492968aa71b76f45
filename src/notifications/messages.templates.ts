/** What a customer is told, ready to be sent. */
export interface Message {
  subject: string;
  text: string;
}

export interface OrderNews {
  number: string;
  total: string;
  currency: string;
  items: readonly { name: string; quantity: number }[];
  carrier?: string;
  trackingNumber?: string;
}

/** The first line of a mail, put before it when it is sent: texts that wait name nobody. */
export function greeting(name: string | null): string {
  return name === null ? 'Hello,\n\n' : `Hello ${name},\n\n`;
}

/** The only mail with "confirmation" in its subject. */
export function orderConfirmation(news: OrderNews): Message {
  const lines = news.items.map((item) => `  ${item.quantity} x ${item.name}`).join('\n');
  return {
    subject: `Order confirmation ${news.number}`,
    text: `thank you: we have your payment of ${news.total} ${news.currency} for\n\n${lines}\n\nWe tell you when it is on its way.\n`,
  };
}

export function shippedMail(news: OrderNews): Message {
  return {
    subject: `Your order ${news.number} is on its way`,
    text: `your order left with ${news.carrier ?? 'our carrier'}, tracking number ${news.trackingNumber ?? '-'}.\n`,
  };
}

export function deliveredMail(news: OrderNews): Message {
  return { subject: `Your order ${news.number} was delivered`, text: 'your order has arrived.\n' };
}

/** What lets the reader of a mailbox into an account. */
export interface MailedToken {
  link: string;
  token: string;
}

export function passwordResetMail(mailed: MailedToken): Message {
  return {
    subject: 'Set a new password',
    text: `someone asked to set a new password for your account. If it was you, open\n\n  ${mailed.link}\n\nwithin an hour; your token is ${mailed.token}. If it was not, nothing has changed, and nothing is to be done.\n`,
  };
}

export function verificationMail(mailed: MailedToken): Message {
  return {
    subject: 'Please verify your email address',
    text: `to show that this address is yours, open\n\n  ${mailed.link}\n\nwithin three days; your token is ${mailed.token}.\n`,
  };
}

export function statusSms(news: OrderNews, status: string): Message {
  const tracking = news.trackingNumber ? ` Tracking: ${news.trackingNumber}.` : '';
  return { subject: '', text: `Tradepost: your order ${news.number} is ${status}.${tracking}` };
}
