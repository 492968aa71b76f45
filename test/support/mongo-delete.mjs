// Deletes documents of a collection: node mongo-delete.mjs <url> <collection> <filter>
import { MongoClient } from 'mongodb';

const [url, collection, filter] = process.argv.slice(2);
const client = await MongoClient.connect(url);
await client.db().collection(collection).deleteMany(JSON.parse(filter));
await client.close();
