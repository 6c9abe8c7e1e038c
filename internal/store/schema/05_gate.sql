-- Lets the objects be replaced while requests run. Replacing them locks most tables. A request that holds one of these
-- and waits for another would wait for this transaction, and this transaction for the request. Every request reads its
-- session first, and a sign-in its attempts. So these two are locked before all others: requests in flight hold them
-- already and end; new ones wait where they hold nothing else.

LOCK TABLE sign_in_attempts, sessions IN ACCESS EXCLUSIVE MODE;
