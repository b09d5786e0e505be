/* SPDX-License-Identifier: Apache-2.0
 * Events that several processes share, as event.c uses them. */
#ifndef KASURI_DRIVER_IPC_H
#define KASURI_DRIVER_IPC_H

#include "driver_priv.h"

struct ipc_event;
struct ipc_event *ipc_event_create(int *fd); /* NULL: the system gives no memory */
CUresult ipc_event_query(struct ipc_event *e);
void ipc_event_sync(struct ipc_event *e);
void ipc_event_record(struct ipc_event *e, struct device_stream *s);
void ipc_event_wait(struct ipc_event *e, struct device_stream *s);

/* event.c: an event on a page that another process made. */
CUresult event_of_other(struct drv_ctx *c, struct ipc_event *page, CUevent *h);

#endif
