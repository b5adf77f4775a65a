/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parts.c: the table of sources, the queue and the socket's bytes, each by itself.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rand.h"
#include "http/io.h"
#include "http/queue.h"
#include "http/sources.h"

static struct http_source source_of(const char *address)
{
	struct sockaddr_storage storage = {.ss_family = AF_INET};
	struct sockaddr_in *in = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;

	if (inet_pton(AF_INET, address, &in->sin_addr) == 1)
		return http_source_of(&storage);
	storage.ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, address, &in6->sin6_addr), 1);
	return http_source_of(&storage);
}

static void case17_addresses_of_one_party_are_one_source(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_same;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1", "::ffff:192.0.2.1", true},
	    {"2001:db8::1", "2001:db8::ffff:1", true},
	    {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	    {"::1", "0.0.0.0", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_sources *sources = http_sources_new(4, 1);

		assert_true(http_sources_enter(sources, source_of(cases[i].a)));
		assert_int_equal(http_sources_enter(sources, source_of(cases[i].b)),
				 !cases[i].is_same);
		http_sources_free(sources);
	}
}

enum { MODEL_SOURCES = 64, MODEL_STEPS = 20000, MODEL_SHARE = 3 };

/* Against a plain array: a table so small and full that removals move entries all the time. */
static void sources_count_like_an_array(void **state)
{
	struct http_sources *sources = http_sources_new(MODEL_SOURCES, MODEL_SHARE);
	unsigned counts[MODEL_SOURCES] = {0};

	for (int i = 0; i < MODEL_STEPS; i++) {
		size_t which = (size_t)rand_below(MODEL_SOURCES);
		struct http_source source = {.network = which / 2, .is_ipv6 = which % 2};

		if (rand_below(2)) {
			bool is_in = http_sources_enter(sources, source);

			assert_int_equal(is_in, counts[which] < MODEL_SHARE);
			counts[which] += is_in;
		} else if (counts[which]) {
			http_sources_leave(sources, source);
			counts[which]--;
		}
	}
	http_sources_free(sources);
}

static void a_queue_is_bounded_and_in_order(void **state)
{
	struct http_queue *queue = http_queue_new(3);
	int items[5];

	for (int turn = 0; turn < 10; turn++) {
		for (int i = 0; i < 3; i++)
			assert_true(http_queue_put(queue, &items[i]));
		assert_false(http_queue_put(queue, &items[3]));
		assert_int_equal(http_queue_length(queue), 3);
		assert_ptr_equal(http_queue_take(queue), &items[0]);
		assert_true(http_queue_put(queue, &items[4]));
		assert_ptr_equal(http_queue_take(queue), &items[1]);
		assert_ptr_equal(http_queue_take(queue), &items[2]);
		assert_ptr_equal(http_queue_take(queue), &items[4]);
	}
	assert_true(http_queue_put(queue, &items[0]));
	http_queue_close(queue);
	assert_false(http_queue_put(queue, &items[1]));
	assert_ptr_equal(http_queue_take(queue), &items[0]);
	assert_null(http_queue_take(queue));
	http_queue_free(queue);
}

enum { TAKERS = 3, ITEMS = 3000 };

static void *take_all(void *arg)
{
	uintptr_t taken = 0;

	while (http_queue_take(arg))
		taken++;
	return (void *)taken;
}

static void nothing_is_lost_between_threads(void **state)
{
	struct http_queue *queue = http_queue_new(16);
	pthread_t threads[TAKERS];
	uintptr_t total = 0;
	int item;

	for (int i = 0; i < TAKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_all, queue), 0);
	for (int i = 0; i < ITEMS; i++)
		while (!http_queue_put(queue, &item))
			sched_yield();
	http_queue_close(queue);
	for (int i = 0; i < TAKERS; i++) {
		void *taken;

		pthread_join(threads[i], &taken);
		total += (uintptr_t)taken;
	}
	assert_int_equal(total, ITEMS);
	http_queue_free(queue);
}

/* A socket with a peer behind it. */
static void io_open(struct http_io *io, int *ret_peer)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*io = (struct http_io){.fd = fds[0], .is_writable = true};
	*ret_peer = fds[1];
}

static void case17_a_peer_that_is_gone_is_not_waited_for(void **state)
{
	struct http_io io;
	int peer;

	io_open(&io, &peer);
	close(peer);
	for (int i = 0; i < 3; i++)
		assert_int_equal(http_io_write(&io, "x", 1), HTTP_IO_FAILED);
	assert_true(io.is_failed);
	http_io_close(&io);
}

static void a_full_socket_is_waited_for(void **state)
{
	static const char block[65536];
	struct http_io io;
	ssize_t n;
	int peer;

	io_open(&io, &peer);
	do
		n = http_io_write(&io, block, sizeof(block));
	while (n > 0);
	assert_int_equal(n, HTTP_IO_WAIT);
	assert_false(io.is_failed);
	/* Until the poller says so, it stays full. */
	assert_int_equal(http_io_write(&io, block, 1), HTTP_IO_WAIT);
	http_io_close(&io);
	close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case17_addresses_of_one_party_are_one_source),
	    cmocka_unit_test(sources_count_like_an_array),
	    cmocka_unit_test(a_queue_is_bounded_and_in_order),
	    cmocka_unit_test(nothing_is_lost_between_threads),
	    cmocka_unit_test(case17_a_peer_that_is_gone_is_not_waited_for),
	    cmocka_unit_test(a_full_socket_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
