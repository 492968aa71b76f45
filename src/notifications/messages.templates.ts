/** What a customer is told, ready to be sent. */
export interface Message {
  subject: string;
  text: string;
}

export interface OrderNews {
  name: string;
  number: string;
  total: string;
  currency: string;
  items: readonly { name: string; quantity: number }[];
  carrier?: string;
  trackingNumber?: string;
}

function greeting(news: OrderNews): string {
  return `Hello ${news.name},\n\n`;
}

/** The only mail with "confirmation" in its subject. */
export function orderConfirmation(news: OrderNews): Message {
  const lines = news.items.map((item) => `  ${item.quantity} x ${item.name}`).join('\n');
  return {
    subject: `Order confirmation ${news.number}`,
    text: `${greeting(news)}thank you: we have your payment of ${news.total} ${news.currency} for\n\n${lines}\n\nWe tell you when it is on its way.\n`,
  };
}

export function shippedMail(news: OrderNews): Message {
  return {
    subject: `Your order ${news.number} is on its way`,
    text: `${greeting(news)}your order left with ${news.carrier ?? 'our carrier'}, tracking number ${news.trackingNumber ?? '-'}.\n`,
  };
}

export function deliveredMail(news: OrderNews): Message {
  return { subject: `Your order ${news.number} was delivered`, text: `${greeting(news)}your order has arrived.\n` };
}

export function statusSms(news: OrderNews, status: string): Message {
  const tracking = news.trackingNumber ? ` Tracking: ${news.trackingNumber}.` : '';
  return { subject: '', text: `Tradepost: your order ${news.number} is ${status}.${tracking}` };
}
