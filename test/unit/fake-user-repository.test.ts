import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { describeKeyedInsert } from "../support/idempotency-contract.ts";
import { describeUserList } from "../support/user-list-contract.ts";
import { describeUserRepository } from "../support/user-repository-contract.ts";

const name = "The fake in memory";
const open = async () => createFakeUserRepository();

describeUserRepository(name, open);
describeUserList(name, open);
describeKeyedInsert(name, open);
