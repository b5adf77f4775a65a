/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_build.c: see syncml_build.h. A message with a Status counts its commands from 1, package 1
 * from 2, as captured. management.md sections 2.2 to 2.6, 3 and 9.1.
 */
#include "sim/device/syncml_build.h"

#define META_TYPE(type) "<Type xmlns=\"syncml:metinf\">" type "</Type>"

enum { PACKAGE_1_FIRST = 2, STATUS_FAILED = 400, STATUS_MISSING = 404 };

static void add_element(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "<%s>", name);
	buf_add_xml(buf, value);
	buf_printf(buf, "</%s>", name);
}

static void add_node(struct buf *buf, const char *name, const char *uri)
{
	buf_printf(buf, "<%s>", name);
	add_element(buf, "LocURI", text_of(uri));
	buf_printf(buf, "</%s>", name);
}

void syncml_begin(struct syncml_out *out, struct arena *arena, const struct syncml_header *header,
		  bool tells_errors)
{
	struct buf *buf = &out->buf;

	buf_init(buf, arena);
	out->msg_id = header->msg_id;
	out->next_cmd = header->msg_id == 1 ? PACKAGE_1_FIRST : 1;
	out->sent_count = 0;
	out->tells_errors = tells_errors;
	buf_add_c(buf, "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>"
		       "<VerProto>DM/1.2</VerProto>");
	add_element(buf, "SessionID", text_of(header->session_id));
	buf_printf(buf, "<MsgID>%u</MsgID>", header->msg_id);
	add_node(buf, "Target", header->target);
	add_node(buf, "Source", header->source);
	buf_add_c(buf, "</SyncHdr>");
	buf_add_c(buf,
		  tells_errors
		      ? "<SyncBody xmlns:msft=\"http://schemas.microsoft.com/MobileDevice/MDM\">"
		      : "<SyncBody>");
}

void syncml_end(struct syncml_out *out)
{
	buf_add_c(&out->buf, "<Final/></SyncBody></SyncML>");
}

/* Opens a command that the server must answer. */
static void open_command(struct syncml_out *out, const char *name)
{
	buf_printf(&out->buf, "<%s><CmdID>%u</CmdID>", name, out->next_cmd);
	if (out->sent_count < SYNCML_SENT)
		out->sent[out->sent_count++] = (struct syncml_sent){out->next_cmd, name};
	out->next_cmd++;
}

static void add_client_event(struct syncml_out *out, const char *type, struct text data)
{
	open_command(out, "Alert");
	buf_printf(&out->buf, "<Data>1224</Data><Item><Meta>" META_TYPE("%s") "</Meta>", type);
	add_element(&out->buf, "Data", data);
	buf_add_c(&out->buf, "</Item></Alert>");
}

static void add_unenrolment(struct syncml_out *out)
{
	open_command(out, "Alert");
	buf_add_c(
	    &out->buf,
	    "<Data>1226</Data><Item><Meta>" META_TYPE(
		"com.microsoft:mdm.unenrollment.userrequest") "<Format "
							      "xmlns=\"syncml:metinf\">int</Format>"
							      "<Mark "
							      "xmlns=\"syncml:metinf\">critical</"
							      "Mark></Meta><Data>1</Data></Item>"
							      "</Alert>");
}

static void add_device_info(struct syncml_out *out, const struct device *device)
{
	const struct {
		const char *uri;
		const char *value;
	} rows[] = {
	    {"./DevInfo/DevId", device->device_id}, {"./DevInfo/Man", device->maker},
	    {"./DevInfo/Mod", device->model},       {"./DevInfo/DmV", "1.3"},
	    {"./DevInfo/Lang", device->locale},
	};

	open_command(out, "Replace");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_add_c(&out->buf, "<Item>");
		add_node(&out->buf, "Source", rows[i].uri);
		add_element(&out->buf, "Data", text_of(rows[i].value));
		buf_add_c(&out->buf, "</Item>");
	}
	buf_add_c(&out->buf, "</Replace>");
}

void syncml_add_package1(struct syncml_out *out, const struct device *device,
			 const struct syncml_package1 *package)
{
	open_command(out, "Alert");
	buf_add_c(&out->buf, "<Data>1201</Data></Alert>");
	add_client_event(out, "com.microsoft/MDM/LoginStatus", text_of(package->login));
	if (package->user_token.ptr)
		add_client_event(out, "com.microsoft/MDM/AADUserToken", package->user_token);
	if (package->is_unenrolling)
		add_unenrolment(out);
	add_device_info(out, device);
}

static void add_code(struct syncml_out *out, int status)
{
	if (out->tells_errors && status >= STATUS_FAILED)
		buf_printf(&out->buf, "<Data msft:originalerror=\"%s\">%d</Data>",
			   status == STATUS_MISSING ? "0x86000002" : "0x80004005", status);
	else
		buf_printf(&out->buf, "<Data>%d</Data>", status);
}

void syncml_add_status(struct syncml_out *out, struct text cmd_ref, const char *name,
		       const char *target_ref, int status)
{
	buf_printf(&out->buf, "<Status><CmdID>%u</CmdID><MsgRef>%u</MsgRef>", out->next_cmd++,
		   out->msg_id - 1);
	add_element(&out->buf, "CmdRef", cmd_ref);
	buf_printf(&out->buf, "<Cmd>%s</Cmd>", name);
	if (target_ref)
		add_element(&out->buf, "TargetRef", text_of(target_ref));
	add_code(out, status);
	buf_add_c(&out->buf, "</Status>");
}

void syncml_add_results(struct syncml_out *out, struct text cmd_ref, const struct csp_value *values,
			size_t count)
{
	buf_printf(&out->buf, "<Results><CmdID>%u</CmdID><MsgRef>%u</MsgRef>", out->next_cmd++,
		   out->msg_id - 1);
	add_element(&out->buf, "CmdRef", cmd_ref);
	buf_add_c(&out->buf, "<Cmd>Get</Cmd>");
	for (size_t i = 0; i < count; i++) {
		buf_add_c(&out->buf, "<Item>");
		add_node(&out->buf, "Source", values[i].uri);
		buf_printf(&out->buf,
			   "<Meta><Format xmlns=\"syncml:metinf\">%s</Format>" META_TYPE(
			       "text/plain") "</Meta>",
			   values[i].format);
		add_element(&out->buf, "Data", text_of(values[i].data));
		buf_add_c(&out->buf, "</Item>");
	}
	buf_add_c(&out->buf, "</Results>");
}
