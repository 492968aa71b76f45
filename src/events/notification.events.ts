import { IsIn, IsString, IsUUID } from 'class-validator';

/** A message to a customer is to be sent; the subject is the notification. The address stays out of Kafka. */
export class NotificationQueued {
  @IsUUID()
  userId: string;

  @IsString()
  number: string;

  /** The order's status the message tells of. */
  @IsIn(['confirmed', 'shipped', 'delivered', 'cancelled'])
  orderStatus: string;
}

export class OrderConfirmationEmail extends NotificationQueued {}
export class ShippingUpdateEmail extends NotificationQueued {}
export class OrderStatusSms extends NotificationQueued {}
